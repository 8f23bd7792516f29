"""The archive served: to people in a browser, and to programs."""

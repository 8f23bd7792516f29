"""What alerts hold of, and the outbox of the notices that tell it. In no public view."""

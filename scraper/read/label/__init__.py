"""What each block is: rules, its neighbours, and the model where none is certain."""

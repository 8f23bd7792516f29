"""The commands of `presswatch`, a file a topic: options in, one function of the house, what came of it out."""

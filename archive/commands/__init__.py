"""The commands of `presswatch`, a file a topic."""

"""`presswatch sources`: the publications that are watched."""

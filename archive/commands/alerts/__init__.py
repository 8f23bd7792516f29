"""`presswatch alert`: what is to be found, added, listed and tried."""

"""What was learnt of labelled pages: a network, trees, and every fitted number."""

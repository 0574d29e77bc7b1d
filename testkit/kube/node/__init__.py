"""The node of cluster.py."""

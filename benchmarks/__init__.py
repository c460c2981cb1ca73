"""Measurements that anyone can run; each prints its figures with the size of the machine."""

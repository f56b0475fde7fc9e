"""Measurements that anyone can repeat: `make bench`, or `python -m bench http|close_day|overview`.

Compare only inside one table: every figure depends on the machine and on what else it does.
"""

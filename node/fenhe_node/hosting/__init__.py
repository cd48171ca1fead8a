"""Several homes in one process: institutes of a university, small units hosted by a hub's operator.

    homes     which homes lie in a folder
    doors     which of them a request is for, by host and path; pure
    front     the one listener, which hands each request to the application of its home
    tenant    one home for as long as it lives: lock, jobs, console, its door
    host      all of them, until told to stop
    naming    of which home a line of the log speaks

Each has its own keys, settings, store, lock and schedule, and they share nothing but the process:
one that cannot be opened, or fails, is tried again every minute and stops no other.
"""

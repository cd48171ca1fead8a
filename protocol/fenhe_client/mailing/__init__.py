"""Mail out: whose server (`settings`), one connection (`smtp`), and the queue (`queue`).

Who queues letters keeps them in tables of its own (`queue.Queue`); start at `queue.send_due`.
"""

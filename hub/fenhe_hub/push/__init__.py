"""What units that nobody can reach send by themselves (feed §9): start at `reception.Reception`.

`pending` judges checkpoints, `uploads` entries, `bodies` body lines; `doorbell` tells the jobs.
Every push ends in an ordinary visit that reads what was sent.
"""

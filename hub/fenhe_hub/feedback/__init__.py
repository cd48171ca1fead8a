"""Complaints and feedback of the public: what they are about, who reads them, what a form may say.

Start at `subjects`; `complaint` reads a form, `sealing` closes it to all but its handlers, and
`handlers_key` keeps what opens it.
"""

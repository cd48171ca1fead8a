"""Where a laboratory system reports as it would to the national platform. Start at `app`.

    envelope    a SOAP call out of bytes, an answer into bytes; pure
    app         the HTTP side: the description, the call, who may
    listening   its own listener, opened by `serve`

What a call means and what it is answered is `importing.calls`.
"""

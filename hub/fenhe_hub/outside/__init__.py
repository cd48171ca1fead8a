"""Whether what units name for everyone answers from outside (D12). Start at `rounds.look_outside`.

`book` keeps what was seen of each address, `looking` looks at one, `robots` says what a site asks
of programs that come by themselves.
"""

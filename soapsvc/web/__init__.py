"""What every HTTP edge needs, whatever it speaks.

`body` reads a request under limits, `packing` decides whether an answer is compressed. `gate` bounds how many calls are
under way; `quotas` says how many may come in a minute, which `server.counting` counts over all processes. `logins`
checks names and secrets, `guessing` counts wrong ones and says who waits, `sessions` keeps who is logged in, in rows of
`tenant.users`. `calls` tells of a call once it is over, with `log_text`; `once` makes what all calls share.
"""

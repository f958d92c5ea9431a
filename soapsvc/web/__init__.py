"""What every HTTP edge needs, whatever it speaks.

`body` reads a request under limits, `packing` decides whether an answer is compressed, `gate` and `rates` bound how
many calls there are. `logins` checks names and secrets, `guessing` counts wrong ones and says who waits, `sessions`
keeps who is logged in. `calls` tells of a call once it is over, with `log_text`; `once` makes what all calls share.
"""

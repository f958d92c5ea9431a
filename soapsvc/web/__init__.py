"""What every HTTP edge needs, whatever it speaks: bodies under limits, compression, logins, a gate for calls."""

# The staff: users, passwords, one-time codes.

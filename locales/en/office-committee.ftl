# The research committee.

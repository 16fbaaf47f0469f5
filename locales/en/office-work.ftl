# Working on a request: documents, notes, corrections, registration at the desk.

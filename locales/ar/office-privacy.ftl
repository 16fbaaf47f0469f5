# Privacy rights, the trail, backups.

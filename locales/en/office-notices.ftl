# Notices to beneficiaries and the public status page.

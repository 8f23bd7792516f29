"""
Digests in the archive: who was told what, the editions as they were made, their deliveries, what
was not seen.
"""

"""
Many WARC files, each made a shard by some worker: here or on many machines.

    files ─► not in the manifest? ─► a worker each ─► DIR/.making/… ─► DIR/<digest> ─► the manifest

A worker may end, hang or come back from the dead at any point. So a shard is made under a name of
its own, and given its last name, which its content says, in one step when it is whole; whoever
comes second throws his away. One process writes the manifest.
"""

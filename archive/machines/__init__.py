"""
What programs ask of the archive: the same five questions, by the Model Context Protocol and as JSON.

    questions   what may be asked, with what, and what was asked
    answers     the archive → records
    forms       records → JSON, with its schema
    server      the questions as tools of the Model Context Protocol

They are put to the public view alone, and nothing that is its reader's alone is in an answer. What
articles say is text of strangers, which every answer says.
"""

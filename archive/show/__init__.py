"""What people and programs are shown: the terminal, HTML, files. Text in, text out."""

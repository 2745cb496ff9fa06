as_text = str

"""What is shown as widgets. ipywidgets is loaded with the first one."""

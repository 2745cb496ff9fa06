def pictures_of(images): return tuple(images)

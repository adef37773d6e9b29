"""What is done to one student as a whole: going to another school, leaving, two charts made one and parted again."""

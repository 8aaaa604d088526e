"""Which of the teacher's answers become training examples, and in which words."""

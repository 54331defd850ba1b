"""Reader studies: who reads which case with which help, what they listed, and the files that analysts take."""

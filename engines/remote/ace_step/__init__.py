"""ACE-Step 1.5 behind its two servers: that of ACE-Step in Python, and `ace-server` of acestep.cpp."""

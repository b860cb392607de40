"""What people prove with who they are: passwords, codes of a second factor, a single sign-on."""

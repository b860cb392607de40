"""Where what files hold is stored: a folder, or a bucket; and where uploads gather."""

"""What people, and the server, prove with who they are: passwords, codes, certificates …"""

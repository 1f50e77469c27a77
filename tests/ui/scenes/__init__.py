"""Every page in every state that a person can meet, one table of scenes: for the golden images and for pictures of the guide."""

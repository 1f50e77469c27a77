"""The record on the screen: sessions by day, one session and its replay, photos, exports, a client's course. Only reads.

Whatever reads the store runs in the librarian's thread; pages get frozen values. Nothing here can change or delete a record.
"""

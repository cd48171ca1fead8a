"""What is handed to those who install: a Debian package, an offline bundle, a folder for Windows.

Everything is put together from the wheels of the lock file, every hash checked, and the same source
gives the same bytes: times are SOURCE_DATE_EPOCH, else that of the last commit. Start at `wheels`;
`deb`, `bundle` and `windows` each make one thing, `deb_check` tries the package in a chroot.
"""

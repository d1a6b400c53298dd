#!/bin/sh
# Installs by apt what Onecard needs of Debian 12 and this machine lacks: PostgreSQL 15's programs, a C compiler, make, and
# OpenSSH, against which the file exchange and the gateway are tested; none of their services is started.
# It runs as root or by sudo, changes nothing when everything is there, and says what is missing when it may not install.
set -eu

missing=
need() { # package, a file that it brings
	[ -e "$2" ] || missing="$missing $1"
}
need postgresql-15 /usr/lib/postgresql/15/bin/postgres
need libc6-dev /usr/include/stdio.h
need openssh-client /usr/bin/sftp
need openssh-server /usr/sbin/sshd
command -v gcc >/dev/null || missing="$missing gcc"
command -v make >/dev/null || missing="$missing make"
[ -n "$missing" ] || exit 0

fail() {
	echo "onecard needs these Debian packages:$missing" >&2
	echo "$1. As root, run: apt-get install$missing" >&2
	exit 1
}
command -v apt-get >/dev/null || fail "This machine has no apt-get"
as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || fail "You are not root, and there is no sudo"
	as_root=sudo
	[ -t 0 ] || as_root="sudo -n" # nobody is there to type a password
	$as_root true || fail "sudo did not let you"
fi

echo "installing$missing" >&2
case $missing in
*postgresql*)
	# Onecard runs a PostgreSQL of its own under var/: Debian need not create and start one as well.
	$as_root mkdir -p /etc/postgresql-common/createcluster.d
	echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.d/onecard.conf >/dev/null
	;;
esac
case $missing in
*openssh-server*)
	# Debian's own switch: its service does not start while this file is there.
	$as_root mkdir -p /etc/ssh
	$as_root touch /etc/ssh/sshd_not_to_be_run
	;;
esac
apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120"
$apt update </dev/null >&2
# shellcheck disable=SC2086 # the packages are words
$apt install --no-install-recommends $missing </dev/null >&2

#!/usr/bin/env bash
# Builds jobqueued_VERSION_ARCHITECTURE.deb of the tree as it is, in .build/package.
#
# Usage: deb.sh
set -euo pipefail
cd "$(dirname "$0")/.."

output=$PWD/.build/package
work=$output/deb
rm -rf "$work" "$output"/jobqueued_*.deb
mkdir -p "$work"
packaging/programs.sh "$output/programs"

version=$(dpkg-parsechangelog --file packaging/debian/changelog --show-field Version)
source_version=$(sed -n 's/.*current = "\(.*\)"/\1/p' Sources/JobControl/Messages/ControlVersion.swift)
[[ $version == "$source_version" ]] || {
    echo "packaging/debian/changelog tells version $version, the programs $source_version" >&2
    exit 1
}

root=$work/root
packaging/install.sh "$output/programs" "$root"
documents=$root/usr/share/doc/jobqueued
install -p -m 644 packaging/debian/copyright "$documents/copyright"
gzip -9nc packaging/debian/changelog >"$documents/changelog.gz"

# What the programs are linked with, in the words of the packages that bring it.
control=$root/DEBIAN
mkdir -p "$control"
install -D -m 644 packaging/debian/control "$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O root/usr/bin/jobqueued root/usr/bin/jobqueuectl \
    | sed -n 's/^shlibs:Depends=//p')

architecture=$(dpkg --print-architecture)
sed -n '/^Package:/,$p' packaging/debian/control | sed \
    -e "s/^Architecture: .*/Architecture: $architecture/" \
    -e "s/\${shlibs:Depends}/$depends/" \
    -e "/^Section:/i Version: $version\nInstalled-Size: $(du -k -s --exclude=DEBIAN "$root" | cut -f 1)" \
    -e "/^Section:/i $(grep '^Maintainer:' packaging/debian/control)" >"$control/control"
(cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$control/conffiles"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$control/md5sums"
install -m 755 packaging/debian/{postinst,prerm,postrm} "$control/"

# The dates of files say when they were built, and nobody's umask is theirs.
find "$root" -type d -exec chmod 755 {} +
package=$output/jobqueued_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
lintian --allow-root --fail-on error,warning "$package"
echo "$package"

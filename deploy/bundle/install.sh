#!/bin/sh
# 离线安装汾河。 Installs Fenhe from this folder alone: no network is used.
#
#   sh install.sh [DIR]        装到 DIR (默认 /opt/fenhe) into DIR; again over an older one: an upgrade
#
# 检查 Python 版本, 核对每个文件的哈希, 建一个独立的环境。 Checks Python and every hash, makes a venv.
set -eu
umask 022

here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/fenhe}
pythons="@pythons@"
machine="@machine@"

fail() {
    echo "没有装成 not installed: $*" >&2
    exit 1
}

find_python() {
    for found in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        if [ -n "$found" ] && command -v "$found" >/dev/null 2>&1 &&
            "$found" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            echo "$found"
            return
        fi
    done
    return 1
}

python=$(find_python) || fail "要 Python 3.11 或更新; Python 3.11 or later is needed"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
case " $pythons " in
*" $version "*) ;;
*) fail "这个包里有 Python $pythons 的文件, 本机是 $version; made for Python $pythons" ;;
esac
[ "$(uname -m)" = "$machine" ] || fail "这个包是给 $machine 的; made for $machine"

(cd "$here" && sha256sum --quiet --check SHA256SUMS) ||
    fail "文件损坏, 请重新拷贝; damaged: copy it again"

new=$target.new
rm -rf "$new"
"$python" -m venv --without-pip "$new" || fail "python3 -m venv"
pip=$(echo "$here"/wheels/pip-*.whl)
"$new/bin/python3" "$pip/pip" --isolated --quiet --disable-pip-version-check install \
    --no-index --find-links "$here/wheels" --require-hashes --only-binary=:all: \
    -r "$here/wheels.lock" || fail "pip"
# What was installed names its own folder: moved there only now that all of it is whole.
for script in "$new"/bin/fenhe*; do
    sed -i "1s|$new|$target|" "$script"
done
sed -i "s|$new|$target|g" "$new/pyvenv.cfg" "$new"/bin/activate* 2>/dev/null || true
rm -rf "$target.old"
if [ -d "$target" ]; then
    [ -e "$target/pyvenv.cfg" ] || fail "$target 里有别的东西; something else lies in $target"
    mv "$target" "$target.old"
fi
mv "$new" "$target"
rm -rf "$target.old"

"$target/bin/fenhe-node" --help >/dev/null || fail "$target/bin/fenhe-node"
echo "已装好 installed: $target/bin/fenhe-node"
echo "服务文件 the service: $here/fenhe-node.service → /etc/systemd/system/"
echo "下一步 next: $target/bin/fenhe-node --home DIR setup"

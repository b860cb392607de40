/* Stands between a process and its disk, by LD_PRELOAD: writes down what the process does to the
 * files below DISK_FOLDER, and what it sends over sockets, in the order in which it happens
 * (DISK_TRACE, see trace.py), and lets calls fail on demand (DISK_ORDERS, see shim.py).
 *
 * What may be on the disk from now on (a write, a truncation, a new name) is noted before the
 * call; what is there from now on (a sync) after it. So each cut of the trace errs on the side
 * of the adversary. What goes over a socket is noted before it leaves.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct head {
    uint64_t at;   /* offset or size */
    uint32_t path; /* bytes of the path, which follows */
    uint32_t data; /* bytes of the data behind it */
    uint32_t kind; /* a letter */
    uint32_t pid;
};

static int trace = -1;
static const char *folder, *orders;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("DISK_TRACE");
    folder = getenv("DISK_FOLDER");
    orders = getenv("DISK_ORDERS");
    if (path != NULL)
        trace = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void note(char kind, const char *path, uint64_t at, const struct iovec *data, int parts)
{
    if (trace < 0)
        return;
    struct head head = {at, (uint32_t)strlen(path), 0, (uint32_t)kind, (uint32_t)getpid()};
    struct iovec all[2 + 1024] = {{&head, sizeof head}, {(void *)path, head.path}};
    for (int part = 0; part < parts && part < 1024; part++) {
        all[2 + part] = data[part];
        head.data += (uint32_t)data[part].iov_len;
    }
    int before = errno;
    syscall(SYS_writev, trace, all, 2 + (parts < 1024 ? parts : 1024)); /* O_APPEND: at once */
    errno = before;
}

/* Whether `path` is in the folder, or is a folder above files of it. */
static int ours(const char *path)
{
    return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

/* The path of an open file, if it is ours. */
static int path_of(int file, char *path)
{
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return length > 0 && ours(path);
}

/* DISK_ORDERS holds "CALL NUMBER END": files whose path ends with END (any, if it is *) answer to CALL with the
 * errno NUMBER; if NUMBER is -9, the process is killed there. */
static int fails(const char *call, const char *path)
{
    char text[256] = "", wanted[32], end[200];
    int number;
    if (orders == NULL)
        return 0;
    int file = (int)syscall(SYS_openat, AT_FDCWD, orders, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
    if (length <= 0 || sscanf(text, "%31s %d %199s", wanted, &number, end) != 3)
        return 0;
    if (strcmp(end, "*") == 0)
        end[0] = 0;
    size_t length_of_path = strlen(path), length_of_end = strlen(end);
    if (strcmp(call, wanted) != 0 || length_of_path < length_of_end
        || strcmp(path + length_of_path - length_of_end, end) != 0)
        return 0;
    if (number == -9)
        syscall(SYS_kill, getpid(), SIGKILL);
    errno = number;
    return 1;
}

/* Files */

static ssize_t write_at(int file, const void *data, size_t size, off_t at)
{
    char path[PATH_MAX];
    if (path_of(file, path)) {
        if (fails("write", path))
            return -1;
        struct iovec part = {(void *)data, size};
        note('W', path, (uint64_t)at, &part, 1);
    }
    return syscall(SYS_pwrite64, file, data, size, at);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t at) { return write_at(file, data, size, at); }
ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) { return write_at(file, data, size, at); }

static ssize_t read_at(int file, void *data, size_t size, off_t at)
{
    char path[PATH_MAX];
    if (path_of(file, path) && fails("read", path))
        return -1;
    return syscall(SYS_pread64, file, data, size, at);
}

ssize_t read(int file, void *data, size_t size)
{
    char path[PATH_MAX];
    if (path_of(file, path) && fails("read", path))
        return -1;
    return syscall(SYS_read, file, data, size);
}

ssize_t pread(int file, void *data, size_t size, off_t at) { return read_at(file, data, size, at); }
ssize_t pread64(int file, void *data, size_t size, off64_t at) { return read_at(file, data, size, at); }

static int cut_to(int file, off_t size)
{
    char path[PATH_MAX];
    if (path_of(file, path)) {
        if (fails("write", path))
            return -1;
        note('T', path, (uint64_t)size, NULL, 0);
    }
    return (int)syscall(SYS_ftruncate, file, size);
}

int ftruncate(int file, off_t size) { return cut_to(file, size); }
int ftruncate64(int file, off64_t size) { return cut_to(file, size); }

static int sync_by(long call, int file)
{
    char path[PATH_MAX];
    if (!path_of(file, path))
        return (int)syscall(call, file);
    if (fails("sync", path)) {
        note('X', path, 0, NULL, 0);
        return -1;
    }
    int done = (int)syscall(call, file);
    note(done == 0 ? 'F' : 'X', path, 0, NULL, 0);
    return done;
}

int fsync(int file) { return sync_by(SYS_fsync, file); }
int fdatasync(int file) { return sync_by(SYS_fdatasync, file); }

/* Names. SQLite and Python give absolute paths. */

static int open_at(int base, const char *path, int flags, mode_t mode)
{
    if (ours(path)) {
        if (((flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT) && fails("open", path))
            return -1;
        if (flags & O_CREAT && access(path, F_OK) != 0)
            note('C', path, 0, NULL, 0);
    }
    return (int)syscall(SYS_openat, base, path, flags, mode);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return open_at(AT_FDCWD, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int unlink(const char *path)
{
    if (ours(path))
        note('U', path, 0, NULL, 0);
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int rename(const char *from, const char *to)
{
    if (ours(to)) {
        if (fails("open", to))
            return -1;
        struct iovec part = {(void *)to, strlen(to)};
        note('R', from, 0, &part, 1);
    }
    return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int mkdir(const char *path, mode_t mode)
{
    if (ours(path)) {
        if (fails("open", path))
            return -1;
        note('D', path, 0, NULL, 0);
    }
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

/* Sockets, and files that are written at their position, as most builds of SQLite do */

static void sent(int file, const struct iovec *data, int parts)
{
    struct stat about;
    if (trace >= 0 && fstat(file, &about) == 0 && S_ISSOCK(about.st_mode))
        note('S', "", 0, data, parts);
}

ssize_t write(int file, const void *data, size_t size)
{
    struct iovec part = {(void *)data, size};
    char path[PATH_MAX];
    if (path_of(file, path)) {
        if (fails("write", path))
            return -1;
        note('W', path, (uint64_t)syscall(SYS_lseek, file, 0, SEEK_CUR), &part, 1);
    } else
        sent(file, &part, 1);
    return syscall(SYS_write, file, data, size);
}

ssize_t writev(int file, const struct iovec *data, int parts)
{
    sent(file, data, parts);
    return syscall(SYS_writev, file, data, parts);
}

ssize_t send(int file, const void *data, size_t size, int flags)
{
    struct iovec part = {(void *)data, size};
    sent(file, &part, 1);
    return syscall(SYS_sendto, file, data, size, flags, NULL, 0);
}

ssize_t sendmsg(int file, const struct msghdr *message, int flags)
{
    sent(file, message->msg_iov, (int)message->msg_iovlen);
    return syscall(SYS_sendmsg, file, message, flags);
}

/* The n-th change of the file system below a folder fails, counted over all processes of a run:
 * preloaded (LD_PRELOAD). What counts: opening for writing, writing, truncating, syncing, renaming,
 * linking, removing, making a folder.
 *
 * OWNCONTROL_FAULT_ROOT: the folder.
 * OWNCONTROL_FAULT_COUNTER: a file of one page that all processes share: the count
 * (8 bytes), then what failed as text. OWNCONTROL_FAULT_AT: the n.
 * OWNCONTROL_FAULT_KIND: the name of an error (once),
 * "full" (ENOSPC from the n-th on), "short" (half is written, as the system may), "torn" (half is
 * written, then the process is killed), "kill" (the process is killed before the change). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { NONE, ERROR, FULL, SHORT, TORN, KILL };
static const char *root;
static size_t root_length;
static long at;
static enum kind kind;
static int error_number = ENOSPC;
static struct { volatile long count; char what[4000]; } *shared;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *counter = getenv("OWNCONTROL_FAULT_COUNTER"), *number = getenv("OWNCONTROL_FAULT_AT");
    const char *words = getenv("OWNCONTROL_FAULT_KIND");
    root = getenv("OWNCONTROL_FAULT_ROOT");
    if (!root || !counter || !number || !words)
        return;
    root_length = strlen(root);
    at = atol(number);
    kind = !strcmp(words, "full") ? FULL : !strcmp(words, "short") ? SHORT
         : !strcmp(words, "torn") ? TORN : !strcmp(words, "kill") ? KILL : ERROR;
    if (!strcmp(words, "EIO"))
        error_number = EIO;
    if (!strcmp(words, "EACCES"))
        error_number = EACCES;
    int file = REAL(open)(counter, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (page != MAP_FAILED)
        shared = page;
}

/* The whole path of a name; relative names are those of the working folder or of a descriptor. */
static int is_below(int folder, const char *name, char *path) {
    path[0] = 0;
    if (!shared || !name)
        return 0;
    if (name[0] != '/') {
        char link[64];
        snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, path, PATH_MAX - 1);
        if (length < 0)
            return 0;
        snprintf(path + length, PATH_MAX - length, "/%s", name);
    } else
        snprintf(path, PATH_MAX, "%s", name);
    return !strncmp(path, root, root_length) && path[root_length] == '/';
}

static int is_open_below(int file, char *path) {
    char link[64];
    if (!shared)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return !strncmp(path, root, root_length) && path[root_length] == '/';
}

/* What this change is to suffer. */
static enum kind suffers(const char *what, const char *path) {
    long number = __atomic_add_fetch(&shared->count, 1, __ATOMIC_SEQ_CST);
    if (number < at || at == 0 || (number > at && kind != FULL))
        return NONE;
    if (number == at)
        snprintf(shared->what, sizeof shared->what, "%s %s", what, path + root_length + 1);
    if (kind == KILL)
        kill(getpid(), SIGKILL);
    errno = error_number;
    return kind;
}

#define FAILS(fate) (fate == ERROR || fate == FULL)

/* Changes that either happen or not: all but writing itself. */
#define WHOLE(what, is_inside, failed) do { \
        char path[PATH_MAX]; \
        if (is_inside) { \
            enum kind fate = suffers(what, path); \
            if (FAILS(fate)) return failed; \
            if (fate == TORN) kill(getpid(), SIGKILL); \
        } } while (0)

#define OPENING(name, folder, ...) \
    va_list rest; va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; va_end(rest); \
    if (flags & (O_WRONLY | O_RDWR | O_CREAT)) WHOLE("open", is_below(folder, file, path), -1); \
    return REAL(name)(__VA_ARGS__, mode)

int open(const char *file, int flags, ...) { OPENING(open, AT_FDCWD, file, flags); }
int open64(const char *file, int flags, ...) { OPENING(open64, AT_FDCWD, file, flags); }
int openat(int folder, const char *file, int flags, ...) { OPENING(openat, folder, folder, file, flags); }
int openat64(int folder, const char *file, int flags, ...) { OPENING(openat64, folder, folder, file, flags); }

FILE *fopen(const char *file, const char *mode) {
    if (strpbrk(mode, "wa+")) WHOLE("open", is_below(AT_FDCWD, file, path), NULL);
    return REAL(fopen)(file, mode);
}
FILE *fopen64(const char *file, const char *mode) {
    if (strpbrk(mode, "wa+")) WHOLE("open", is_below(AT_FDCWD, file, path), NULL);
    return REAL(fopen64)(file, mode);
}

/* Writing: half of it is possible, too. */
#define WRITING(whole, half) do { \
        char path[PATH_MAX]; \
        if (is_open_below(file, path)) { \
            enum kind fate = suffers("write", path); \
            if (FAILS(fate)) return -1; \
            if ((fate == SHORT || fate == TORN) && size > 1) { \
                ssize_t done = half; \
                if (fate == TORN) kill(getpid(), SIGKILL); \
                return done; \
            } \
        } \
        return whole; } while (0)

ssize_t write(int file, const void *from, size_t size) {
    WRITING(REAL(write)(file, from, size), REAL(write)(file, from, size / 2));
}
ssize_t pwrite(int file, const void *from, size_t size, off_t place) {
    WRITING(REAL(pwrite)(file, from, size, place), REAL(pwrite)(file, from, size / 2, place));
}
ssize_t pwrite64(int file, const void *from, size_t size, off64_t place) {
    WRITING(REAL(pwrite64)(file, from, size, place), REAL(pwrite64)(file, from, size / 2, place));
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    size_t size = count;
    WRITING(REAL(writev)(file, parts, count), REAL(writev)(file, parts, count / 2));
}
ssize_t sendfile(int file, int from, off_t *place, size_t size) {
    WRITING(REAL(sendfile)(file, from, place, size), REAL(sendfile)(file, from, place, size / 2));
}
ssize_t sendfile64(int file, int from, off64_t *place, size_t size) {
    WRITING(REAL(sendfile64)(file, from, place, size), REAL(sendfile64)(file, from, place, size / 2));
}
ssize_t copy_file_range(int from, off64_t *begin, int file, off64_t *place, size_t size, unsigned flags) {
    WRITING(REAL(copy_file_range)(from, begin, file, place, size, flags),
            REAL(copy_file_range)(from, begin, file, place, size / 2, flags));
}

#define OF_FILE(what) WHOLE(what, is_open_below(file, path), -1)
int fsync(int file) { OF_FILE("sync"); return REAL(fsync)(file); }
int fdatasync(int file) { OF_FILE("sync"); return REAL(fdatasync)(file); }
int ftruncate(int file, off_t size) { OF_FILE("truncate"); return REAL(ftruncate)(file, size); }
int ftruncate64(int file, off64_t size) { OF_FILE("truncate"); return REAL(ftruncate64)(file, size); }

#define OF_PATH(what, folder, name) WHOLE(what, is_below(folder, name, path), -1)
int rename(const char *from, const char *to) { OF_PATH("rename", AT_FDCWD, to); return REAL(rename)(from, to); }
int renameat(int a, const char *from, int b, const char *to) { OF_PATH("rename", b, to); return REAL(renameat)(a, from, b, to); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { OF_PATH("rename", b, to); return REAL(renameat2)(a, from, b, to, flags); }
int link(const char *from, const char *to) { OF_PATH("link", AT_FDCWD, to); return REAL(link)(from, to); }
int symlink(const char *from, const char *to) { OF_PATH("link", AT_FDCWD, to); return REAL(symlink)(from, to); }
int unlink(const char *name) { OF_PATH("remove", AT_FDCWD, name); return REAL(unlink)(name); }
int unlinkat(int folder, const char *name, int flags) { OF_PATH("remove", folder, name); return REAL(unlinkat)(folder, name, flags); }
int rmdir(const char *name) { OF_PATH("remove", AT_FDCWD, name); return REAL(rmdir)(name); }
int mkdir(const char *name, mode_t mode) { OF_PATH("folder", AT_FDCWD, name); return REAL(mkdir)(name, mode); }
int mkdirat(int folder, const char *name, mode_t mode) { OF_PATH("folder", folder, name); return REAL(mkdirat)(folder, name, mode); }
int truncate(const char *name, off_t size) { OF_PATH("truncate", AT_FDCWD, name); return REAL(truncate)(name, size); }

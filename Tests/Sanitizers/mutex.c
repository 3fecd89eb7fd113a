/* Tells ThreadSanitizer of Swift's Mutex where a lock is contended.
 *
 * The quick way of a Mutex is compiled into the program and seen; the slow one is a futex of the
 * kernel's, inside libswiftSynchronization, which is not instrumented: without this each contended lock
 * looks like a race. Preloaded by packaging/sanitize.sh, in front of the library's own functions. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

/* The sanitizer's, in the program; not there in the programs that it starts. */
void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self
#define REAL(name) (dlsym(RTLD_NEXT, "$s15Synchronization12_MutexHandleV" name))

typedef SWIFT void Lock(uint32_t, SELF);
typedef SWIFT bool TryLock(SELF);
typedef SWIFT void Unlock(SELF);

SWIFT void lock_slow(uint32_t, SELF) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT bool try_lock_slow(SELF) __asm__("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
SWIFT void unlock_slow(SELF) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

SWIFT void lock_slow(uint32_t thread, SELF) {
    ((Lock *)REAL("9_lockSlowyys6UInt32VF"))(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT bool try_lock_slow(SELF) {
    bool locked = ((TryLock *)REAL("12_tryLockSlowSbyF"))(self);
    if (locked && __tsan_acquire) __tsan_acquire(self);
    return locked;
}

SWIFT void unlock_slow(SELF) {
    if (__tsan_release) __tsan_release(self);
    ((Unlock *)REAL("11_unlockSlowyyF"))(self);
}

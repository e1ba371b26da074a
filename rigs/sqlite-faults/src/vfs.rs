//! The shim between SQLite and its real file system.

use crate::disk;
use rusqlite::ffi::{
    SQLITE_ERROR, SQLITE_OK, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs,
    sqlite3_vfs_find, sqlite3_vfs_register,
};
use std::error::Error;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt;
use std::mem::size_of;
use std::ptr;
use std::sync::OnceLock;

/// What to call the file system when opening a database.
pub const NAME: &str = "power-cut";
const C_NAME: &CStr = c"power-cut";

/// SQLite has no file system to build on, or did not take the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterError;

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SQLite did not take the file system")
    }
}

impl Error for RegisterError {}

/// Adds the file system to this process's SQLite; more than once is once.
///
/// # Errors
/// [`RegisterError`].
pub fn register() -> Result<(), RegisterError> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = *DONE.get_or_init(|| {
        // SAFETY: asking for the default file system has no preconditions.
        let real = unsafe { sqlite3_vfs_find(ptr::null()) };
        if real.is_null() {
            return false;
        }
        // SAFETY: a registered file system lives until the process ends.
        let mut shim = unsafe { *real };
        shim.szOsFile += size_of::<File>() as c_int;
        shim.zName = C_NAME.as_ptr();
        shim.pNext = ptr::null_mut();
        shim.pAppData = real.cast();
        shim.xOpen = Some(open);
        shim.xDelete = Some(delete);
        // SAFETY: the structure is leaked on purpose: SQLite keeps the pointer.
        unsafe { sqlite3_vfs_register(Box::into_raw(Box::new(shim)), 0) == SQLITE_OK }
    });
    if done { Ok(()) } else { Err(RegisterError) }
}

/// An open file: SQLite's part first, the real file system's file right behind it.
#[repr(C)]
struct File {
    base: sqlite3_file,
    /// Null for temporary files, which no power cut concerns.
    name: *mut String,
}

/// The real file of one of ours.
///
/// # Safety
/// `file` was opened by [`open`], so that the real file lies behind it.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: `szOsFile` asked SQLite for this much room.
    unsafe { file.cast::<File>().add(1).cast() }
}

/// The methods of the real file.
///
/// # Safety
/// As [`real`].
unsafe fn methods<'a>(file: *mut sqlite3_file) -> &'a sqlite3_io_methods {
    // SAFETY: a file that was opened has methods, and they are static.
    unsafe { &*(*real(file)).pMethods }
}

/// The name under which the disk knows the file.
///
/// # Safety
/// As [`real`].
unsafe fn name<'a>(file: *mut sqlite3_file) -> Option<&'a str> {
    // SAFETY: the name lives until `close`.
    unsafe { (*file.cast::<File>()).name.as_ref().map(String::as_str) }
}

/// Calls a method of the real file; a file system that lacks it fails.
macro_rules! pass_on {
    ($file:ident . $method:ident ( $($argument:expr),* )) => {
        // SAFETY: SQLite calls a method only on files that were opened by us.
        match unsafe { methods($file) }.$method {
            // SAFETY: the arguments are the ones SQLite gave us.
            Some(method) => unsafe { method(real($file), $($argument),*) },
            None => SQLITE_ERROR,
        }
    };
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    path: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: `register` put the real file system here.
    let below: *mut sqlite3_vfs = unsafe { (*vfs).pAppData.cast() };
    // SAFETY: SQLite gave us room for our file and the real one.
    let mine = unsafe { &mut *file.cast::<File>() };
    mine.base.pMethods = ptr::null();
    mine.name = ptr::null_mut();
    // SAFETY: the real file system exists for as long as the process.
    let Some(open) = (unsafe { (*below).xOpen }) else {
        return SQLITE_ERROR;
    };
    // SAFETY: the arguments are SQLite's; the real file lies behind ours.
    let result = unsafe { open(below, path, real(file), flags, out_flags) };
    if result == SQLITE_OK {
        if !path.is_null() {
            // SAFETY: SQLite gives a C string.
            let name = unsafe { CStr::from_ptr(path) }
                .to_string_lossy()
                .into_owned();
            mine.name = Box::into_raw(Box::new(name));
        }
        mine.base.pMethods = &METHODS;
    }
    result
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, path: *const c_char, sync: c_int) -> c_int {
    // SAFETY: `register` put the real file system here.
    let below: *mut sqlite3_vfs = unsafe { (*vfs).pAppData.cast() };
    // SAFETY: the real file system exists for as long as the process.
    let Some(delete) = (unsafe { (*below).xDelete }) else {
        return SQLITE_ERROR;
    };
    // SAFETY: SQLite gives a C string.
    disk::deleted(&unsafe { CStr::from_ptr(path) }.to_string_lossy());
    // SAFETY: the arguments are SQLite's.
    unsafe { delete(below, path, sync) }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let result = pass_on!(file.xClose());
    // SAFETY: the name was made by `open`, and SQLite closes once.
    unsafe {
        let mine = &mut *file.cast::<File>();
        if !mine.name.is_null() {
            drop(Box::from_raw(mine.name));
            mine.name = ptr::null_mut();
        }
    }
    result
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    pass_on!(file.xRead(into, length, at))
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    length: c_int,
    at: sqlite3_int64,
) -> c_int {
    let result = pass_on!(file.xWrite(from, length, at));
    // SAFETY: SQLite calls a method only on files that were opened by us.
    if let (SQLITE_OK, Some(name), Ok(length), Ok(at)) = (
        result,
        unsafe { name(file) },
        usize::try_from(length),
        usize::try_from(at),
    ) {
        // SAFETY: SQLite gives `length` bytes to write.
        disk::wrote(name, at, unsafe {
            std::slice::from_raw_parts(from.cast(), length)
        });
    }
    result
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, to: sqlite3_int64) -> c_int {
    let result = pass_on!(file.xTruncate(to));
    // SAFETY: SQLite calls a method only on files that were opened by us.
    if let (SQLITE_OK, Some(name), Ok(to)) = (result, unsafe { name(file) }, usize::try_from(to)) {
        disk::truncated(name, to);
    }
    result
}

/// The picture of the disk is what counts, so the real file need not be flushed: the rig is quick.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: SQLite calls a method only on files that were opened by us.
    if let Some(name) = unsafe { name(file) } {
        disk::synced(name);
    }
    SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    pass_on!(file.xFileSize(size))
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass_on!(file.xLock(level))
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass_on!(file.xUnlock(level))
}

unsafe extern "C" fn check_reserved(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    pass_on!(file.xCheckReservedLock(out))
}

unsafe extern "C" fn control(file: *mut sqlite3_file, what: c_int, with: *mut c_void) -> c_int {
    pass_on!(file.xFileControl(what, with))
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    pass_on!(file.xSectorSize())
}

unsafe extern "C" fn characteristics(file: *mut sqlite3_file) -> c_int {
    pass_on!(file.xDeviceCharacteristics())
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    pass_on!(file.xShmMap(page, size, extend, out))
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    pass_on!(file.xShmLock(offset, count, flags))
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: SQLite calls a method only on files that were opened by us.
    if let Some(barrier) = unsafe { methods(file) }.xShmBarrier {
        // SAFETY: the real file lies behind ours.
        unsafe { barrier(real(file)) }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    pass_on!(file.xShmUnmap(delete))
}

/// Version 2: shared memory for the write-ahead log, but no mapped reading, so that nothing is written
/// past us.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

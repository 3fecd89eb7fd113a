import Glibc

/// Under which rules of its service this process runs, and all that it starts.
package enum ProcessRules {
    /// Whether memory cannot be written and executed (`MemoryDenyWriteExecute=`), which programs that make
    /// code at run time need: Node.js, Java, PHP with its JIT. Tried once, with a page that is given back.
    package static let denyWriteExecute: Bool = {
        let size = Int(sysconf(Int32(_SC_PAGESIZE)))
        let page = mmap(
            nil, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let page, page != MAP_FAILED else { return errno == EPERM || errno == EACCES }
        munmap(page, size)
        return false
    }()
}

package card

// fileTexts: why a whole file is refused.
var fileTexts = map[Reason]Text{
	ReasonFileNotWorkbook: {
		"文件不是Excel工作簿（.xlsx），也不是CSV文本。",
		"The file is neither a workbook (.xlsx) nor CSV text.",
		"请用系统下载的模板填写，另存为.xlsx后重新上传。",
		"Please fill in the template, save it as .xlsx and hand it in again.",
	},
	ReasonFileXLS: {
		"文件是旧版Excel格式（.xls），系统不读取。",
		"The file is in the old Excel format (.xls), which is not read.",
		"请用Excel或WPS打开，另存为“Excel工作簿（*.xlsx）”后重新上传。",
		"Please open it in Excel or WPS, save it as an Excel workbook (*.xlsx) and hand it in again.",
	},
	ReasonFileBomb: {
		"工作簿解压后异常庞大，为安全起见没有打开。",
		"The workbook unpacks to an abnormal size and was not opened, for safety.",
		"请把名册内容以数值方式复制到新的模板中，不要带图片、附件和空白格式行。",
		"Please copy the rows as values into a fresh template, without pictures, attachments or formatted empty rows.",
	},
	ReasonFileZipPath: {
		"工作簿的压缩包里有指向外面的路径，为安全起见没有打开。",
		"An entry of the workbook's zip has a path that leads out of it; for safety it was not opened.",
		"请用Excel或WPS另存为新的.xlsx后重新提交；再次出现时，请检查生成文件的程序和电脑是否安全。",
		"Please save it anew as .xlsx with a spreadsheet program; if it happens again, have the program and the machine that made it looked at.",
	},
	ReasonFileTooLarge: {
		"文件太大，超过了系统的限制。",
		"The file is larger than the hub accepts.",
		"请按地市或银行拆成几个文件分别提交，或改用CSV。",
		"Please split it by city or bank and hand the parts in one by one, or use CSV.",
	},
	ReasonFileHeadings: {
		"表头与模板不一致：有栏目缺少、重复或名称不同。",
		"The headings differ from the template: some are missing, doubled or named otherwise.",
		"请下载最新模板，不要改动表头，把内容贴入对应栏目后重新提交。",
		"Please take the latest template, leave its headings as they are, and paste the content under them.",
	},
	ReasonFileEmpty: {
		"文件里没有任何数据行。",
		"The file holds no rows.",
		"请确认名册填在模板的第一张工作表、表头下方，保存后重新提交。",
		"Please make sure that the roster stands on the first sheet under the headings, save and hand it in again.",
	},
	ReasonFileEncoding: {
		"文件的文字编码无法识别，或与约定的编码不符。",
		"The file's character encoding is not recognised or not the one agreed.",
		"CSV请另存为UTF-8或GB18030编码；合作单位的文件须用其版式约定的编码，标准版式为GB18030。",
		"Please save CSV as UTF-8 or GB18030; a partner's files are in the encoding of its layout, GB18030 in the standard ones.",
	},
	ReasonFileMerged: {
		"工作表里有合并单元格，无法逐行读取。",
		"The sheet has merged cells and cannot be read row by row.",
		"请选中整张表，取消合并单元格，补全每一行的内容后重新提交。",
		"Please select the sheet, unmerge its cells, fill in every row and hand it in again.",
	},
	ReasonFileTooManyRows: {
		"文件的行数超过了系统的限制。",
		"The file has more rows than the hub accepts.",
		"请删去末尾的空白行，或按地市、银行拆成几个文件分别提交。",
		"Please delete the empty rows at the end, or split the file by city or bank.",
	},
	ReasonFileName: {
		"文件名不符合“单位_类型_日期_序号.txt”的约定。",
		"The file's name is not PARTNER_KIND_DATE_SEQUENCE.txt as agreed.",
		"请对方按接口文档的规则改名后重新发送，例如ICBC_ACCTRET_20261121_000017.txt。",
		"Please have the partner name it by the rules and send it again, for example ICBC_ACCTRET_20261121_000017.txt.",
	},
	ReasonFileManifest: {
		"清单文件（.ok）缺失或格式不对，或与数据文件的名称、日期、序号不一致。",
		"The manifest (.ok) is missing or malformed, or disagrees with the file's name, date or sequence.",
		"请对方按接口文档重新生成清单并发送。",
		"Please have the partner write the manifest anew as the partner guide says, and send it.",
	},
	ReasonFileSignature: {
		"清单文件的签名验证不通过，文件已隔离，内容一律未采用。",
		"The manifest's signature does not verify; the file is in quarantine and nothing of it was applied.",
		"请立即与对方核实文件是否由其发出、密钥是否更换；确认后由其重新签名发送。",
		"Please ask the partner at once whether it sent the file and whether its key changed; then have it signed and sent again.",
	},
	ReasonFileDigest: {
		"文件内容与清单里的SM3摘要不一致，可能传输不完整或被改动。",
		"The file's content differs from the SM3 digest in its manifest; it may be incomplete or altered.",
		"请对方重新发送；反复出现时请双方检查传输链路。",
		"Please have the partner send it again; if it happens repeatedly, both sides look at the connection.",
	},
	ReasonFileSize: {
		"文件大小与清单里的字节数不一致，多半是没有传完。",
		"The file's size differs from the manifest; most likely it did not arrive whole.",
		"请对方重新发送完整的文件。",
		"Please have the partner send the whole file again.",
	},
	ReasonFileRows: {
		"文件的明细行数与清单或末行的行数不一致。",
		"The number of detail rows differs from the manifest or from the last line.",
		"请对方核对行数后重新生成并发送。",
		"Please have the partner check the count, write the file anew and send it.",
	},
	ReasonFileTotal: {
		"文件的金额合计与清单或末行不一致。",
		"The total of the amounts differs from the manifest or from the last line.",
		"请对方逐笔核对金额后重新生成并发送；在此之前不会入账。",
		"Please have the partner check the amounts one by one and send a new file; nothing is booked until then.",
	},
	ReasonFileLayout: {
		"文件里有行的栏目数或内容格式与约定的版式不符。",
		"A line's fields, in number or in content, do not follow the agreed layout.",
		"请对方按接口文档检查报出的行号和栏目，更正后以新的序号重新发送。",
		"Please have the partner check the line and field named, correct them, and send a new file under the next sequence number.",
	},
	ReasonFileSequence: {
		"文件序号不对：与已收文件重复，或中间有缺号。",
		"The file's sequence number is wrong: already used, or one before it is missing.",
		"请对方核对当天已发的文件，补发缺少的，或改用下一个序号。",
		"Please have the partner compare the files sent that day, then send the missing one or use the next number.",
	},
	ReasonFileRepeatedRow: {
		"同一笔记录在文件里出现多次而内容不同，整个文件未采用。",
		"A row occurs more than once with different content; nothing of the file was applied.",
		"请对方确认哪一条正确，更正后重新发送。",
		"Please have the partner say which one is right and send a corrected file.",
	},
	ReasonFileUnknownRow: {
		"回盘里有我方没有发出过的记录。",
		"The answer holds a row that the hub never sent.",
		"请对方确认所答复的是哪个文件，并重新生成回盘。",
		"Please have the partner check which file it answered, and write the answer anew.",
	},
	ReasonFileLineLength: {
		"文件里有超过4096字节的行。",
		"The file has a line longer than 4,096 bytes.",
		"请对方检查是否缺少换行符，更正后重新发送。",
		"Please have the partner look for a missing line end, and send the file again.",
	},
	ReasonFileUnreadable: {
		"文件损坏，无法读取。",
		"The file is damaged and cannot be read.",
		"请确认原文件能够正常打开，重新保存或重新传输后再提交。",
		"Please make sure that the original opens, save or transfer it anew, and hand it in again.",
	},
}
